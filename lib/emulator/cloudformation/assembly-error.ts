/** An error in the files of a cloud assembly, in one line that names the file. */
export class AssemblyError extends Error {
  constructor(
    /** The file or folder that is wrong. */
    public readonly file: string,
    /** What is wrong with it. */
    public readonly problem: string,
  ) {
    super(`${file}: ${problem}`);
    this.name = 'AssemblyError';
  }
}
