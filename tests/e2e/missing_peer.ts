/**
 * A test that needs a program that nobody has, for the test of what then happens.
 *
 * @module
 */

import { peerTest } from "./peers.ts";

peerTest("a peer", ["no-such-program"], () => Promise.reject(new Error("it ran")));
