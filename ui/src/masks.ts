// Shapes of Brazilian numbers. They are put on when a field is left, never while somebody types, and only on
// what they fit: the rest stays as it was typed, and the server says what is wrong with it.

const group = (text: string, shape: string): string => {
  let at = 0;
  return shape.replace(/#/g, () => text[at++] ?? "");
};

/** A CPF, or a CNPJ, whose first twelve characters may be letters. */
function document(text: string): string {
  const plain = text.toUpperCase().replace(/[.\-/\s]/g, "");
  if (/^\d{11}$/.test(plain)) return group(plain, "###.###.###-##");
  if (/^[0-9A-Z]{12}\d{2}$/.test(plain)) return group(plain, "##.###.###/####-##");
  return text;
}

function phone(text: string): string {
  const digits = text.replace(/[\s().-]/g, "");
  const local = /^(?:\+?55)?0?(\d{10,11})$/.exec(digits)?.[1];
  // With another country's code it is written as it was.
  if (!local || (digits.startsWith("+") && !digits.startsWith("+55"))) return text;
  return group(local, local.length === 11 ? "(##) #####-####" : "(##) ####-####");
}

function cep(text: string): string {
  const digits = text.replace(/[\s.-]/g, "");
  return /^\d{8}$/.test(digits) ? group(digits, "#####-###") : text;
}

/** `1234,5` and `1.234,50` are the same amount, and so is `1234.50`, as a spreadsheet gives it. */
function money(text: string): string {
  const plain = text.replace(/^\s*R\$/i, "").replace(/\s/g, "");
  let number: string;
  if (/^-?\d{1,3}(\.\d{3})+(,\d{1,2})?$/.test(plain) || /^-?\d+(,\d{1,2})?$/.test(plain)) {
    number = plain.replace(/\./g, "").replace(",", ".");
  } else if (/^-?\d+\.\d{1,2}$/.test(plain)) number = plain;
  else return text;
  const [whole = "0", cents = ""] = number.split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ".")},${cents.padEnd(2, "0")}`;
}

export const MASKS: Record<string, (text: string) => string> = { document, phone, cep, money };
