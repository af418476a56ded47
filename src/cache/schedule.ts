/** How work that is done in slices comes back: soon, after what else is waiting, or after a rest. Tests put their own in its place. */

export type Schedule = (turn: () => void, afterMs?: number) => void;

export const soon: Schedule = (turn, afterMs = 0) => {
  if (afterMs > 0) setTimeout(turn, afterMs);
  else setImmediate(turn);
};
