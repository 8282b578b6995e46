/** The file that Node.js starts on an instance. */
export const NODE_ENTRY = 'index.js';
