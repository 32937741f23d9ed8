/** What writes to standard output and standard error meanwhile, line by line: console.log of a script, for example. */
export function captureOutput(onLine: (stream: 'stdout' | 'stderr', line: string) => void): () => void {
  const restores = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const original = stream.write;
    let rest = '';
    const write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
      rest += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      // A line without an end is passed on before it fills the memory.
      if (rest.length > 64 * 1024) {
        lines.push(rest);
        rest = '';
      }
      for (const line of lines) onLine(name, line.replace(/\r$/, ''));
      const done = more.find((one): one is () => void => typeof one === 'function');
      if (done !== undefined) process.nextTick(done);
      return true;
    };
    stream.write = write as typeof stream.write;
    return () => {
      stream.write = original;
      if (rest !== '') onLine(name, rest);
    };
  });
  return () => {
    for (const restore of restores) restore();
  };
}
