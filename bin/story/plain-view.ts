import { formatElapsed, type Scene, type View } from './scene';

/** A line for each emulated minute and each change of alarms or capacity: for logs, pipes and CI. */
export class PlainView implements View {
  private lastMinute = -1;
  private lastState = '';
  private lastChapter = '';

  constructor(private readonly write: (line: string) => void) {}

  public show(scene: Scene): void {
    if (scene.chapter !== this.lastChapter) {
      this.lastChapter = scene.chapter;
      this.write(`-- ${scene.chapter}`);
    }
    const minute = Math.floor(scene.elapsed / 60_000);
    const state = stateOf(scene);
    if (minute === this.lastMinute && state === this.lastState) return;
    this.lastMinute = minute;
    this.lastState = state;
    const { books, cloud } = scene;
    const queues = cloud.queues
      .filter(({ deadLetterQueue }) => !deadLetterQueue)
      .map(({ label, visible, inFlight }) => `${label} ${visible}+${inFlight}`);
    const done = `${books.processedCount}/${scene.total} done, ${books.deadLetteredCount} dead-lettered`;
    this.write(`${formatElapsed(scene.elapsed).padStart(7)}  ${queues.join(', ')}; ${done}; ${state}`);
  }

  public end(): void {
    // Nothing stands open: each line was written whole.
  }
}

function stateOf({ cloud }: Scene): string {
  const groups = cloud.groups.map(
    ({ desired, instances }) =>
      `${instances.filter(({ state }) => state === 'InService').length} of ${desired} instances`,
  );
  const ringing = cloud.alarms.filter(({ state }) => state === 'ALARM').map(({ label }) => label);
  return [...groups, ringing.length > 0 ? `ALARM ${ringing.join(', ')}` : 'no alarm'].join('; ');
}
