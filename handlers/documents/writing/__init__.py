"""How what is drawn on a page is written as plain text: numbers of lists, raised letters, symbols, formulas, tables."""
