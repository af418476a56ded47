/**
 * Finds what a proto file leaves without a comment. Descriptors keep comments apart
 * from what they are about, under paths of field numbers and indices, as in
 * descriptor.proto: `4,0,2,1` is the second field of the first message.
 */
import type {DescriptorProto, EnumDescriptorProto, FileDescriptorProto} from '@bufbuild/protobuf/wkt';

/** Names, with the file in front, of whatever has no comment. */
export function uncommented(file: FileDescriptorProto): string[] {
  const commented = new Set(
    file.sourceCodeInfo?.location.filter(each => each.leadingComments.trim() !== '').map(each => each.path.join()),
  );
  return [
    ...file.messageType.flatMap((message, index) => partsOfMessage(message, `4,${index}`, message.name)),
    ...file.enumType.flatMap((type, index) => partsOfEnum(type, `5,${index}`, type.name)),
    ...file.service.flatMap((service, index) => [
      {path: `6,${index}`, name: service.name},
      ...service.method.map((method, place) => ({
        path: `6,${index},2,${place}`,
        name: `${service.name}.${method.name}`,
      })),
    ]),
  ]
    .filter(part => !commented.has(part.path))
    .map(part => `${file.name}: ${part.name}`);
}

interface Part {
  path: string;
  name: string;
}

function partsOfMessage(message: DescriptorProto, path: string, name: string): Part[] {
  // The oneof of a single optional field is made by the compiler.
  const synthetic = new Set(message.field.filter(field => field.proto3Optional).map(field => field.oneofIndex));
  return [
    {path, name},
    ...message.field.map((field, index) => ({path: `${path},2,${index}`, name: `${name}.${field.name}`})),
    ...message.nestedType.flatMap((type, index) => partsOfMessage(type, `${path},3,${index}`, `${name}.${type.name}`)),
    ...message.enumType.flatMap((type, index) => partsOfEnum(type, `${path},4,${index}`, `${name}.${type.name}`)),
    ...message.oneofDecl
      .map((oneof, index) => ({path: `${path},8,${index}`, name: `${name}.${oneof.name}`, index}))
      .filter(oneof => !synthetic.has(oneof.index)),
  ];
}

function partsOfEnum(type: EnumDescriptorProto, path: string, name: string): Part[] {
  return [
    {path, name},
    ...type.value.map((value, index) => ({path: `${path},2,${index}`, name: `${name}.${value.name}`})),
  ];
}
