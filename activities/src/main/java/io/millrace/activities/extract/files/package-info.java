/**
 * Files below a folder, by name and by piece. Start with {@link
 * io.millrace.activities.extract.files.FilesExtractor}. May import {@code definitions}, {@code
 * secret} and {@code staging}.
 */
package io.millrace.activities.extract.files;
