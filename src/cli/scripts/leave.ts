/**
 * A script may leave a timer or a connection open that would keep the process for ever. When the command is over,
 * what is left gets a moment to end by itself.
 */
export function leaveSoon(): void {
  const leave = () => {
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) setTimeout(leave, 20).unref();
    else process.exit();
  };
  setTimeout(leave, 250).unref();
}
