"""The recipe of Ponder's starter model: data, tokenizer, model, optimiser and GGUF export."""
