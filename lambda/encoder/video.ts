import { deflateSync, inflateSync } from 'node:zlib';

const FRAME_BYTES = 512;
const FRAME_PAUSE = 250;
/** A window that fits a frame: setting up zlib's default would cost more than compressing the frame. */
const ZLIB = { windowBits: 9, memLevel: 1 };

/** A message's request. */
export interface Video {
  /** The video's number, which its frames are generated from. */
  readonly video: number;
  readonly frames: number;
  /** A file that no encoder can read: the story's poison message. */
  readonly corrupt?: boolean;
}

/** @throws Error if the body is not the JSON of a video */
export function parseVideo(body: string): Video {
  const video = JSON.parse(body) as Partial<Video> | null;
  if (!Number.isInteger(video?.video)) throw new Error(`video: expected a whole number in ${body}`);
  const frames = video?.frames;
  if (!Number.isInteger(frames) || Number(frames) < 1) throw new Error(`frames: expected at least 1 in ${body}`);
  return video as Video;
}

/**
 * Compresses a video frame by frame. zlib stands in for ffmpeg: real bytes are really compressed and checked, and the
 * pause between frames stands in for the time that a codec would take (a quarter of a second a frame, 4 seconds for 16).
 *
 * @returns the size of the result in bytes
 */
export async function encode({ video, frames, corrupt }: Video, signal: AbortSignal): Promise<number> {
  if (corrupt) throw new Error(`video ${video} is corrupt`);
  let bytes = 0;
  for (let frame = 0; frame < frames; frame++) {
    signal.throwIfAborted();
    const raw = rawFrame(video, frame);
    const compressed = deflateSync(raw, ZLIB);
    if (!inflateSync(compressed, ZLIB).equals(raw)) throw new Error(`video ${video}: frame ${frame} did not survive`);
    bytes += compressed.length;
    await new Promise((resolve) => setTimeout(resolve, FRAME_PAUSE));
  }
  return bytes;
}

/** A moving gradient with a little noise, the same for the same numbers. */
function rawFrame(video: number, frame: number): Buffer {
  let noise = (video * 2_654_435_761 + frame * 40_503 + 1) >>> 0;
  const raw = Buffer.alloc(FRAME_BYTES);
  for (let index = 0; index < FRAME_BYTES; index++) {
    noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
    raw[index] = (index >> 3) + frame + (noise >>> 28 === 0 ? 1 : 0);
  }
  return raw;
}
