/**
 * Writes an image as a folder that other tools read (OCI image layout).
 *
 * @module
 */

import { join } from "@std/path";
import { descriptor, type TinyImage } from "../fakes/image.ts";

/**
 * @param folder Where to; it must not exist.
 * @param image The image.
 * @param tag Its tag.
 */
export async function writeOciLayout(
  folder: string,
  { manifest, config, layer }: TinyImage,
  tag: string,
): Promise<void> {
  const blobs = join(folder, "blobs", "sha256");
  await Deno.mkdir(blobs, { recursive: true });
  for (const { digest, bytes } of [manifest, config, layer]) {
    await Deno.writeFile(join(blobs, digest.slice("sha256:".length)), bytes);
  }
  const annotations = { "org.opencontainers.image.ref.name": tag };
  const index = { schemaVersion: 2, manifests: [{ ...descriptor(manifest), annotations }] };
  await Deno.writeTextFile(join(folder, "index.json"), JSON.stringify(index));
  await Deno.writeTextFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}
