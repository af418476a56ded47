/**
 * How long an event loop did not turn: the time between one turn and the next, and how
 * much of it the process itself was running. A process that is not run because another
 * has its core sees a long gap with little CPU in it.
 */

/** Gaps from so many milliseconds on are counted apart. */
export const longGapMs = 2;

export interface Gaps {
  turns: number;
  /** The longest gap, and the most CPU that the process spent in one. */
  longestMs: number;
  longestCpuMs: number;
  longGaps: number;
  /** The five longest, and when they ended, from the start. */
  top: {atMs: number; ms: number}[];
}

/** Runs `body` once in each turn of the event loop until it answers false, and measures the gaps. */
export function measureGaps(body: () => boolean): Promise<Gaps> {
  return new Promise((resolve, reject) => {
    const gaps: Gaps = {turns: 0, longestMs: 0, longestCpuMs: 0, longGaps: 0, top: []};
    const startMs = performance.now();
    let lastMs = performance.now();
    let lastCpu = process.cpuUsage();
    const turn = () => {
      const nowMs = performance.now();
      const gapMs = nowMs - lastMs;
      lastMs = nowMs;
      gaps.turns++;
      gaps.longestMs = Math.max(gaps.longestMs, gapMs);
      if (gapMs >= longGapMs) {
        gaps.longGaps++;
        gaps.top.push({atMs: nowMs - startMs, ms: gapMs});
        gaps.top.sort((a, b) => b.ms - a.ms).splice(5);
      }
      // Reading the CPU time costs a system call, so the short gaps are taken together.
      if (gapMs >= 0.5 || gaps.turns % 16 === 0) {
        const cpu = process.cpuUsage();
        const cpuMs = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1000;
        lastCpu = cpu;
        gaps.longestCpuMs = Math.max(gaps.longestCpuMs, Math.min(cpuMs, gapMs));
      }
      try {
        if (!body()) return resolve(gaps);
      } catch (error) {
        return reject(error);
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  });
}
