// A paragraph, or the text of a list item.

RichText {}
