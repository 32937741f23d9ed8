const actions = new Set<() => void>();
let listening = false;

/**
 * Runs a synchronous action when the process exits, whatever the reason short of a fatal signal.
 * @returns takes the action back
 */
export function onExit(action: () => void): () => void {
  if (!listening) {
    listening = true;
    process.on('exit', () => {
      for (const each of actions) {
        try {
          each();
        } catch {
          // The process is going: the other actions matter more than this one's failure.
        }
      }
    });
  }
  actions.add(action);
  return () => void actions.delete(action);
}
