/**
 * Assets: their keys, their graph and the language that selects some of them. Start with {@link
 * io.millrace.asset.AssetGraph} and {@link io.millrace.asset.Selection}. It imports the failures
 * and "did you mean", nothing else of ours.
 */
package io.millrace.asset;
