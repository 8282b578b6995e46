import type { CloudStatus } from '../../lib/emulator';
import type { StoryStatistics } from './figures';

/** What a view shows: the state of the cloud and the books, at one moment. */
export interface Scene {
  /** The chapter of the story, in words. */
  readonly chapter: string;
  /** Emulated milliseconds since the story began. */
  readonly elapsed: number;
  /** Emulated seconds to one of the machine's. */
  readonly speed: number;
  readonly total: number;
  readonly books: StoryStatistics;
  readonly cloud: CloudStatus;
  /** The last line that each instance logged. */
  readonly doing: ReadonlyMap<string, string>;
}

/** Shows the story as it goes. */
export interface View {
  show(scene: Scene): void;
  /** Ends it: what is printed next stands below. */
  end(): void;
}

/** Shows nothing: for `--json`. */
export const noView: View = { show: () => undefined, end: () => undefined };

/** `m:ss`, or `h:mm:ss` where it takes hours. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
