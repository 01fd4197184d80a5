// Package sepsis is the domain: what is measured in intensive care, what is coherent, what a prediction is.
//
// It does no input or output. Each technology lives in a folder of its own and meets the others through the
// types and the small interfaces of this package.
package sepsis
