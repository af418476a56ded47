/** A run that failed, for people: what was wrong, what was done last, and how to have it again. */
import type {FaultRunResult} from './fault-run.js';

const faultsShown = 12;

/** Without a number of steps to show, all are. */
export function reportOf(
  seed: number,
  {faults, steps, again}: Pick<FaultRunResult, 'faults' | 'steps' | 'again'>,
  stepsShown = steps.length,
): string {
  const more = faults.length > faultsShown ? [`and ${faults.length - faultsShown} more`] : [];
  return [
    `the run of seed ${seed} failed; to have it again, with all its steps: npm run test:watch -- ${again} ${seed}`,
    ...[...faults.slice(0, faultsShown), ...more].map(line => `  ${line}`),
    'its last steps:',
    ...steps.slice(-stepsShown).map(step => `    ${step}`),
  ].join('\n');
}
