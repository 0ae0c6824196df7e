/**
 * The smallest real container image: one layer with one file, its configuration, its manifest.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";

/** Something that a registry stores under its digest. */
export interface Blob {
  readonly mediaType: string;
  /** `sha256:` and the digest of the bytes. */
  readonly digest: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An image of one layer. */
export interface TinyImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layer: Blob;
}

/**
 * Builds the image.
 *
 * @param text Content of `hello.txt`, its only file.
 * @returns Its three parts.
 */
export async function tinyImage(text = "hello\n"): Promise<TinyImage> {
  const archive = tar("hello.txt", new TextEncoder().encode(text));
  const compressed = new Response(archive).body!.pipeThrough(new CompressionStream("gzip"));
  const layer = await blob(
    "application/vnd.oci.image.layer.v1.tar+gzip",
    new Uint8Array(await new Response(compressed).arrayBuffer()),
  );
  const config = await jsonBlob("application/vnd.oci.image.config.v1+json", {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [await digestOf(archive)] },
  });
  const manifest = await jsonBlob("application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, config, layer };
}

/**
 * @param bytes Any bytes.
 * @returns Their digest as registries write it.
 */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `sha256:${encodeHex(await crypto.subtle.digest("SHA-256", bytes))}`;
}

/**
 * What a manifest or index says of a part.
 *
 * @param part The part.
 * @returns Its media type, digest and size.
 */
export function descriptor(part: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType: part.mediaType, digest: part.digest, size: part.bytes.length };
}

async function blob(mediaType: string, bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
  return { mediaType, digest: await digestOf(bytes), bytes };
}

function jsonBlob(mediaType: string, value: unknown): Promise<Blob> {
  return blob(mediaType, new TextEncoder().encode(JSON.stringify(value)));
}

/** A POSIX (ustar) archive of one file. */
function tar(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const block = 512;
  const padded = Math.ceil(content.length / block) * block;
  const archive = new Uint8Array(block + padded + 2 * block);
  const put = (offset: number, text: string): void =>
    archive.set(new TextEncoder().encode(text), offset);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width, "0");
  put(0, name);
  put(100, `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`);
  put(124, `${octal(content.length, 11)}\0${octal(0, 11)}\0`);
  // The checksum counts its own field as eight blanks.
  put(148, "        0");
  put(257, "ustar\x0000");
  const sum = archive.subarray(0, block).reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  archive.set(content, block);
  return archive;
}
