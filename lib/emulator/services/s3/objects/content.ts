import { copyFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import type { FileBody } from '../../../protocol/http-request';

/** What a response has as its body: bytes, or a part of a file. */
export type Body = Uint8Array | FileBody;

/** What an object holds. */
export interface Content {
  readonly size: number;
  /** A part of it. */
  slice(start: number, length: number): Body;
  /** A copy that outlives this one. */
  copy(files: ObjectFiles): Promise<Content>;
  /** Removes its file, if it has one. */
  dispose(): void;
}

/** Where objects lie that are too long for memory. */
export interface ObjectFiles {
  /** The path of a file that does not exist yet. */
  create(): string;
}

export class MemoryContent implements Content {
  constructor(private readonly bytes: Uint8Array) {}

  public get size(): number {
    return this.bytes.length;
  }

  public slice(start: number, length: number): Uint8Array {
    return start === 0 && length === this.bytes.length ? this.bytes : this.bytes.subarray(start, start + length);
  }

  public copy(): Promise<Content> {
    return Promise.resolve(this); // bytes are never changed
  }

  public dispose(): void {
    // Nothing holds them once the object is gone.
  }
}

export class FileContent implements Content {
  constructor(
    public readonly file: string,
    public readonly size: number,
    private readonly offset = 0,
  ) {}

  public slice(start: number, length: number): FileBody {
    return { file: this.file, start: this.offset + start, length };
  }

  public async copy(files: ObjectFiles): Promise<Content> {
    const file = files.create();
    await copyFile(this.file, file);
    return new FileContent(file, this.size, this.offset);
  }

  public dispose(): void {
    rmSync(this.file, { force: true }); // a response that is being sent has it open still
  }
}
