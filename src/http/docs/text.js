/** The words of a document, as elements: paragraphs, lists, `code`, and what is indented as it stands. */
import {element} from '../ui/dom.js';

/** `text` is a description; what is undefined has no words. */
export function blocks(text = '') {
  return text
    .split(/\n{2,}/)
    .filter(block => block.trim() !== '')
    .map(block => {
      const lines = block.split('\n');
      if (lines.every(line => line.startsWith('  '))) return element('pre', {}, block);
      if (lines[0].startsWith('- ')) return list(block);
      return element('p', {}, ...inline(block));
    });
}

function list(block) {
  const items = block.split(/\n?^- /m).filter(item => item !== '');
  return element('ul', {}, ...items.map(item => element('li', {}, ...inline(item))));
}

/** Text with `code` in it. */
export function inline(text = '') {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}
