/**
 * Names a resource: by its construct (an L2, an L1, or one of ours that holds it, such as a StandardQueue), by its
 * logical id, by its construct's path (in full, or within its stack), or by its name, ARN or queue URL.
 */
export type ResourceReference = string | { readonly node: { readonly path: string } };
