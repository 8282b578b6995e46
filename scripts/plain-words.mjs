// An eslint plugin: wording that took readers two tries, and that keeps coming back. Looks at comments and at texts.
const WORDINGS = [
  [/^[\s*/]*(Tells|Gives)\b/, 'begin with what it does or returns: "Returns …", "Records …"'],
  [/\. (Tells|Gives) /, 'say "Returns …"'],
  [/\bbut for (?=(the|those|that|what|these|this|a|an|its|it|-?\d)\b)/, 'say "except"'],
  [/\b(?:if|where) (?:(?:the|a|an|its) \w+|it|they|these) (?:is|are) none\b(?! of)/, 'say "is invalid" or "is absent"'],
  [/\b(whosever|befalls?|befell|mischief|of its own accord)\b/i, 'use the everyday word'],
  [/\bgot .*, allowed (is|are|with)\b/, 'say "NAME must be …, but was …"'],
];

const plain = {
  meta: { type: 'suggestion', schema: [], messages: { wording: "'{{found}}': {{instead}}" } },
  create(context) {
    const look = (node, text) => {
      for (const [pattern, instead] of WORDINGS) {
        const found = pattern.exec(text);
        if (found) context.report({ loc: node.loc, messageId: 'wording', data: { found: found[0].trim(), instead } });
      }
    };
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) look(comment, comment.value);
      },
      Literal: (node) => typeof node.value === 'string' && look(node, node.value),
      TemplateElement: (node) => look(node, node.value.cooked ?? ''),
    };
  },
};

export default { rules: { plain } };
