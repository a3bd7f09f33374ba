/** A field's path, `spec.endpoints[0].relabelings[2]`, as a JSON pointer. */
export const pointerOf = (path: string): string => `/${path.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`
