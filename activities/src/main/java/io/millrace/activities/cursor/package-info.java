/**
 * The one notion of what a cursor's value is and which of two comes first, for requests and for
 * records alike. Start at {@link io.millrace.activities.cursor.CursorReader}. It may import
 * definitions only.
 */
package io.millrace.activities.cursor;
