/** Counts what was checked: a line for each check, and one for all at the end. */
import assert from 'node:assert/strict';

const counts = {passed: 0, failed: 0, skipped: 0};

/** Runs one check: passed if it returns, failed if it throws. Answers which. */
export async function check(name: string, body: () => unknown): Promise<boolean> {
  try {
    await body();
    pass(name);
    return true;
  } catch (error) {
    fail(name, error instanceof Error ? error.message : String(error));
    return false;
  }
}

export function pass(name: string): void {
  counts.passed += 1;
  console.log(`  ok      ${name}`);
}

export function fail(name: string, why: string): void {
  counts.failed += 1;
  console.log(`  FAILED  ${name}\n          ${why.trim().replaceAll('\n', '\n          ')}`);
}

export function skip(name: string, why: string): void {
  counts.skipped += 1;
  console.log(`  skipped ${name}: ${why}`);
}

export function heading(text: string): void {
  console.log(`\n${text}`);
}

/** The closing line, and whether all went well. */
export function closeReport(): boolean {
  const {passed, failed, skipped} = counts;
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0;
}

/** The fields named in `want`, at any depth, are as they are there; others may be anything. */
export function matches(have: unknown, want: unknown): void {
  assert.deepEqual(pick(have, want), want);
}

function pick(have: unknown, want: unknown): unknown {
  if (Array.isArray(want) && Array.isArray(have)) return have.map((item, index) => pick(item, want[index]));
  if (isObject(want) && isObject(have)) {
    return Object.fromEntries(Object.keys(want).map(key => [key, pick(have[key], want[key])]));
  }
  return have;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
