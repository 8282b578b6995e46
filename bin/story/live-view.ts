import { formatElapsed, type Scene, type View } from './scene';

const BARS = ' ▁▂▃▄▅▆▇█';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const style = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const [bold, dim, red, green, yellow, cyan] = [1, 2, 31, 32, 33, 36].map(style);

/** What the live view needs of a terminal. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** The story on a terminal, redrawn in place. */
export class LiveView implements View {
  /** The backlog at each emulated step, for the sparkline. */
  private readonly backlog: number[] = [];
  private lastStep = -1;
  private drawnLines = 0;
  private rate = { at: 0, done: 0, perSecond: 0 };

  constructor(private readonly terminal: Terminal) {}

  public show(scene: Scene): void {
    this.remember(scene);
    const width = Math.max(40, Math.min(this.terminal.columns ?? 100, 110));
    const height = Math.max(12, (this.terminal.rows ?? 40) - 1);
    const lines = this.compose(scene, width).slice(0, height);
    const up = this.drawnLines > 0 ? `\u001b[${this.drawnLines}A` : HIDE_CURSOR;
    const body = lines.map((line) => `\r\u001b[2K${line}\n`).join('');
    this.terminal.write(`${up}${body}\u001b[0J`);
    this.drawnLines = lines.length;
  }

  public end(): void {
    this.terminal.write(SHOW_CURSOR);
    this.drawnLines = 0;
  }

  private remember({ cloud, elapsed, books }: Scene): void {
    const step = Math.floor(elapsed / 15_000);
    const waiting = cloud.queues
      .filter(({ deadLetterQueue }) => !deadLetterQueue)
      .reduce((sum, queue) => sum + queue.visible + queue.delayed, 0);
    if (step !== this.lastStep) this.backlog.push(waiting);
    else this.backlog[this.backlog.length - 1] = waiting;
    this.lastStep = step;
    if (elapsed - this.rate.at >= 10_000) {
      const done = books.processedCount + books.deadLetteredCount;
      this.rate = { at: elapsed, done, perSecond: (done - this.rate.done) / ((elapsed - this.rate.at) / 1_000) };
    }
  }

  private compose(scene: Scene, width: number): string[] {
    const { books, cloud, total } = scene;
    const done = books.processedCount + books.deadLetteredCount;
    const spark = sparkline(this.backlog, width - 22);
    const lines = [
      `${bold('Spillway')}  ${scene.chapter}`,
      dim(`${formatElapsed(scene.elapsed)} of emulated time, ${scene.speed} times as fast as the clock on the wall`),
      '',
      `backlog  ${cyan(spark)} ${bold(String(this.backlog.at(-1) ?? 0))}`,
      '',
      dim(`${'queue'.padEnd(24)}${['visible', 'in flight', 'delayed'].map((name) => name.padStart(11)).join('')}`),
      ...cloud.queues.map(({ label, visible, inFlight, delayed, deadLetterQueue }) => {
        const counts = [visible, inFlight, delayed].map((count) => String(count).padStart(11)).join('');
        const line = `${clip(label, 23).padEnd(24)}${counts}`;
        return deadLetterQueue && visible > 0 ? yellow(line) : line;
      }),
      '',
      ...cloud.alarms.map(({ label, state }) => {
        const paint = state === 'ALARM' ? red : state === 'OK' ? green : dim;
        return `${paint(state === 'ALARM' ? '●' : '○')} ${clip(label, width - 24)} ${paint(state)}`;
      }),
      '',
    ];
    for (const group of cloud.groups) {
      const serving = group.instances.filter(({ state }) => state === 'InService').length;
      lines.push(
        `instances ${bold(String(serving))} in service, ${group.desired} desired (${group.min} to ${group.max})`,
      );
      for (const { id, state } of group.instances) {
        const doing = state === 'InService' || state.startsWith('Terminating') ? (scene.doing.get(id) ?? '') : '';
        const paint = state === 'InService' ? green : yellow;
        lines.push(clip(`  ${id}  ${state.padEnd(20)} ${doing}`, width).replace(state, paint(state)));
      }
    }
    lines.push(
      '',
      `${progressBar(done / total, width - 40)} ${done} of ${total}  ${this.rate.perSecond.toFixed(1)} a second`,
      dim(`sent ${books.sentCount}   processed ${books.processedCount}   dead-lettered ${books.deadLetteredCount}`),
    );
    return lines;
  }
}

/** The last values that fit, each as a bar as high as its share of the highest. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-Math.max(1, width));
  const highest = Math.max(1, ...values);
  return shown.map((value) => BARS[value === 0 ? 0 : Math.max(1, Math.round((value / highest) * 8))]).join('');
}

function progressBar(share: number, width: number): string {
  const cells = Math.max(10, width);
  const full = Math.round(Math.min(1, share) * cells);
  return `${green('█'.repeat(full))}${dim('░'.repeat(cells - full))}`;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
