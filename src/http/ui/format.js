/** Figures, times, keys and values, as a person reads them. */

const counts = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const short = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});

export function count(number) {
  return counts.format(number);
}

/** `1.2M`, and for what is small `0.4`. */
export function shortCount(number) {
  return short.format(number);
}

export function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = number;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

export function percent(share) {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}

/** The two largest units: `3 d 4 h`, `12 s`. */
export function duration(ms) {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  const parts = [];
  for (const [name, unitMs] of units) {
    if (rest >= unitMs) parts.push(`${Math.floor(rest / unitMs)} ${name}`);
    rest %= unitMs;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

export function timeOfDay(date) {
  return date.toLocaleTimeString('en-GB');
}

export function moment(date) {
  return `${date.toLocaleDateString('en-CA')} ${timeOfDay(date)}`;
}

/** A key on one line: what is invisible, or would turn the text around it, is shown as an escape. */
export function showKey(key) {
  return key.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/gu, char => {
    if (char === '\\') return '\\\\';
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return `\\u{${char.codePointAt(0).toString(16)}}`;
  });
}

/** The text that bytes spell; undefined where they are no UTF-8 or hold what no text has. */
export function textOf(value) {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(value);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

export function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON with line ends and indents. Only white space is changed: large numbers stay as they are. */
export function prettyJson(text) {
  let depth = 0;
  const newLine = () => `\n${'  '.repeat(depth)}`;
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+|([[{])\s*([\]}])?|[\]}]|[,:]/g, (token, open, close) => {
    if (token.startsWith('"')) return token;
    if (/^\s/.test(token)) return '';
    if (open && close) return open + close;
    if (open) {
      depth++;
      return open + newLine();
    }
    if (token === ',') return `,${newLine()}`;
    if (token === ':') return ': ';
    depth--;
    return newLine() + token;
  });
}

/** Sixteen bytes a line: where, in hexadecimal, and as ASCII. */
export function hexDump(value) {
  const lines = [];
  for (let at = 0; at < value.length; at += 16) {
    const row = [...value.subarray(at, at + 16)];
    const hex = row.map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = row.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${ascii}`);
  }
  return lines.join('\n');
}
