/**
 * How a tree of YAML becomes records: places, problems, and shapes that read a node, describe
 * themselves as JSON Schema and appear in the reference page, all from one declaration. Start with
 * {@link io.millrace.project.shape.Keys}; {@link io.millrace.project.shape.YamlTree} makes the
 * tree. It knows no key of Millrace's and imports only {@code io.millrace.project.Text}, Jackson's
 * tree and the YAML parser.
 */
package io.millrace.project.shape;
