import { parseArn } from '../../core';
import { tableNotFound } from './errors';
import { RETENTION, type TableStream } from './streams/table-stream';
import type { Table } from './table/table';
import { checkTableName } from './violations';

/** The tables of one account and Region, and the streams of those that are and were. */
export class Tables {
  private readonly byName = new Map<string, Table>();
  private readonly streams = new Map<string, TableStream>();
  /** The stream of each table that has one now. */
  private readonly current = new Map<Table, TableStream>();

  public find(name: string): Table | undefined {
    return this.byName.get(name);
  }

  /**
   * The table that a request on items names, by its name or ARN.
   * @throws AwsError ValidationException or ResourceNotFoundException
   */
  public of(nameOrArn: string | undefined): Table {
    const table = this.byName.get(tableNameOf(nameOrArn));
    if (table === undefined) throw tableNotFound();
    return table;
  }

  public all(): readonly Table[] {
    return [...this.byName.values()];
  }

  /** All names in order. */
  public names(): string[] {
    return [...this.byName.keys()].sort();
  }

  public add(table: Table): void {
    this.byName.set(table.name, table);
  }

  public remove(table: Table, now: number): void {
    table.close();
    this.closeStream(table, now);
    this.byName.delete(table.name);
  }

  public openStream(table: Table, stream: TableStream): void {
    this.streams.set(stream.settings.arn, stream);
    this.current.set(table, stream);
  }

  /** The records of a stream that is closed stay readable for their time. */
  public closeStream(table: Table, now: number): void {
    const stream = this.current.get(table);
    this.current.delete(table);
    stream?.close(now);
  }

  /** The stream that a table's changes go to; undefined if it has none. */
  public streamOf(table: Table): TableStream | undefined {
    return this.current.get(table);
  }

  public stream(arn: string, now: number): TableStream | undefined {
    this.forgetStreams(now);
    return this.streams.get(arn);
  }

  public allStreams(now: number): readonly TableStream[] {
    this.forgetStreams(now);
    return [...this.streams.values()];
  }

  private forgetStreams(now: number): void {
    for (const [arn, { closedAt = Infinity }] of this.streams)
      if (closedAt <= now - RETENTION) this.streams.delete(arn);
  }
}

/** The name in a table's ARN, or the name itself. */
export function tableNameOf(nameOrArn: string | undefined): string {
  if (nameOrArn?.startsWith('arn:') === true) {
    const resource = parseArn(nameOrArn)?.resource ?? '';
    if (resource.startsWith('table/')) return resource.slice('table/'.length);
  }
  checkTableName(nameOrArn);
  return nameOrArn;
}
