/** How work that is done in slices comes back: soon, after what else is waiting. Tests put their own in its place. */

export type Schedule = (turn: () => void) => void;

export const soon: Schedule = turn => void setImmediate(turn);
