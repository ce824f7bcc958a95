/** UTF-8 has at most three bytes for each UTF-16 unit of a text. */
const mostBytesPerUnit = 3;

/** Whether a text has room for certain: counting its bytes takes as long as writing them. */
export const surelyFits = (text: string, roomBytes: number): boolean => text.length * mostBytesPerUnit <= roomBytes;
