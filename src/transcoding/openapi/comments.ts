/**
 * The comments of a proto file. A descriptor set that was built with source information
 * keeps them apart from what they are about, under paths of field numbers and indices
 * (descriptor.proto): `4,0,2,1` is the second field of the first message.
 */
import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescService,
} from '@bufbuild/protobuf';

type Described = DescService | DescMethod | DescMessage | DescField | DescEnum | DescEnumValue;

/** The comment before a declaration; empty if there is none, or the set was built without. */
export function commentOf(desc: Described): string {
  const {file, path} = placeOf(desc);
  let comments = commentsOfFiles.get(file);
  if (!comments) {
    const locations = file.proto.sourceCodeInfo?.location ?? [];
    comments = new Map(locations.map(each => [each.path.join(), tidy(each.leadingComments)]));
    commentsOfFiles.set(file, comments);
  }
  return comments.get(path.join()) ?? '';
}

const commentsOfFiles = new WeakMap<DescFile, ReadonlyMap<string, string>>();

/** The first sentence of a comment, and what follows it. */
export function splitComment(comment: string): {first: string; rest: string} {
  const end = /[.:](?=\s|$)/.exec(comment)?.index ?? comment.length;
  const first = comment.slice(0, end).replaceAll('\n', ' ');
  return {first, rest: comment.slice(end + 1).trim()};
}

/** Each line of a comment begins with the space behind its `//`. */
function tidy(comment: string): string {
  return comment.replace(/^ /gm, '').trim();
}

interface Place {
  file: DescFile;
  path: number[];
}

function placeOf(desc: Described): Place {
  switch (desc.kind) {
    case 'service':
      return {file: desc.file, path: [6, desc.file.services.indexOf(desc)]};
    case 'rpc':
      return within(desc.parent, 2, desc.parent.methods.indexOf(desc));
    case 'message':
      return desc.parent
        ? within(desc.parent, 3, desc.parent.proto.nestedType.indexOf(desc.proto))
        : {file: desc.file, path: [4, desc.file.proto.messageType.indexOf(desc.proto)]};
    case 'field':
      return within(desc.parent, 2, desc.parent.proto.field.indexOf(desc.proto));
    case 'enum':
      return desc.parent
        ? within(desc.parent, 4, desc.parent.proto.enumType.indexOf(desc.proto))
        : {file: desc.file, path: [5, desc.file.proto.enumType.indexOf(desc.proto)]};
    case 'enum_value':
      return within(desc.parent, 2, desc.parent.values.indexOf(desc));
  }
}

function within(parent: Described, part: number, index: number): Place {
  const {file, path} = placeOf(parent);
  return {file, path: [...path, part, index]};
}
