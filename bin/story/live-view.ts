import { formatElapsed, type Scene, type View } from './scene';

const BARS = ' ▁▂▃▄▅▆▇█';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
type Paint = (text: string) => string;
const style =
  (code: number): Paint =>
  (text) =>
    `\u001b[${code}m${text}\u001b[0m`;
const [bold, dim, red, green, yellow, cyan] = [1, 2, 31, 32, 33, 36].map(style);
const plain: Paint = (text) => text;

/** A piece of a line, and how it is painted. */
type Span = readonly [text: string, paint?: Paint];
type Line = readonly Span[];

const WIDEST = 110;
const COUNTS_WIDTH = 33; // of a queue's three columns

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
    // The cursor needs a row below, and some terminals wrap a line that fills the last column.
    const width = Math.min((this.terminal.columns || 100) - 1, WIDEST);
    const height = (this.terminal.rows || 40) - 1;
    const lines = this.compose(scene, width, height).map((line) => paintLine(line, width));
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

  private compose(scene: Scene, width: number, height: number): Line[] {
    const { books, cloud, total } = scene;
    const done = books.processedCount + books.deadLetteredCount;
    const rate = ` ${done} of ${total}  ${this.rate.perSecond.toFixed(1)} a second`;
    const backlog = String(this.backlog.at(-1) ?? 0);
    const labelWidth = width - COUNTS_WIDTH;
    const columns = (...texts: string[]) => texts.map((text) => text.padStart(COUNTS_WIDTH / 3)).join('');
    const story: Line[] = [
      [['Spillway', bold], [`  ${scene.chapter}`]],
      [[`${formatElapsed(scene.elapsed)} of emulated time, at ${scene.speed} times real time`, dim]],
      [...progressBar(done / total, width - rate.length), [rate]],
      [[`sent ${books.sentCount}   processed ${books.processedCount}   dead-lettered ${books.deadLetteredCount}`, dim]],
      [['backlog  '], [sparkline(this.backlog, width - 10 - backlog.length), cyan], [` ${backlog}`, bold]],
    ];
    const queueHeader: Line = [['queue'.padEnd(labelWidth) + columns('visible', 'in flight', 'delayed'), dim]];
    const queues = cloud.queues.map(({ label, visible, inFlight, delayed, deadLetterQueue }): Line => {
      const counts = columns(...[visible, inFlight, delayed].map(String));
      const text = `${clip(label, labelWidth - 1).padEnd(labelWidth)}${counts}`;
      return [[text, deadLetterQueue && visible > 0 ? yellow : plain]];
    });
    const alarms = cloud.alarms.map(({ label, state }): Line => {
      const paint = state === 'ALARM' ? red : state === 'OK' ? green : dim;
      return [[state === 'ALARM' ? '●' : '○', paint], [` ${clip(label, width - 24)} `], [state, paint]];
    });
    const groups = cloud.groups.flatMap((group): Section[] => {
      const serving = group.instances.filter(({ state }) => state === 'InService').length;
      const heading: Line = [
        ['instances '],
        [String(serving), bold],
        [` in service, ${group.desired} desired (${group.min} to ${group.max})`],
      ];
      const instances = group.instances.map(({ id, state }): Line => {
        const doing = state === 'InService' || state.startsWith('Terminating') ? (scene.doing.get(id) ?? '') : '';
        return [[`  ${id}  `], [state.padEnd(20), state === 'InService' ? green : yellow], [` ${doing}`]];
      });
      return [{ heading: [heading], rows: instances }];
    });
    return fit(
      [
        { heading: story, rows: [] },
        { heading: [queueHeader], rows: queues },
        { heading: [], rows: alarms },
        ...groups,
      ],
      height,
    );
  }
}

/** A part of the picture. Where the terminal is low, its rows are cut, and its heading stays. */
interface Section {
  readonly heading: readonly Line[];
  readonly rows: readonly Line[];
}

/** Stacks the sections: with a blank line between any two if there is room, else without; then the last rows go first. */
function fit(sections: readonly Section[], height: number): Line[] {
  const tall = sections.flatMap(({ heading, rows }, at): Line[] => [...(at > 0 ? [[]] : []), ...heading, ...rows]);
  if (tall.length <= height) return tall;
  let excess = sections.reduce((sum, { heading, rows }) => sum + heading.length + rows.length, 0) - height;
  const cut = [...sections].reverse().map(({ heading, rows }): Line[] => {
    if (excess <= 0 || rows.length < 2) return [...heading, ...rows];
    const gone = Math.min(rows.length, excess + 1); // one line says how many
    excess -= gone - 1;
    return [...heading, ...rows.slice(0, rows.length - gone), [[`  … and ${gone} more`, dim]]];
  });
  return cut.reverse().flat().slice(0, height);
}

/** As much of a line as fits, painted. */
function paintLine(line: Line, width: number): string {
  let left = width;
  return line
    .map(([text, paint = plain]) => {
      const shown = left > 0 ? clip(text, left) : '';
      left -= text.length;
      return shown === '' ? '' : paint(shown);
    })
    .join('');
}

/** The last values that fit, each as a bar as high as its share of the highest. */
function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-Math.max(1, width));
  const highest = Math.max(1, ...values);
  return shown.map((value) => BARS[value === 0 ? 0 : Math.max(1, Math.round((value / highest) * 8))]).join('');
}

function progressBar(share: number, width: number): Line {
  const cells = Math.max(10, width);
  const full = Math.round(Math.min(1, share) * cells);
  return [
    ['█'.repeat(full), green],
    ['░'.repeat(cells - full), dim],
  ];
}

function clip(text: string, width: number): string {
  if (width < 1) return '';
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
