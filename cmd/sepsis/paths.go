package main

import (
	"errors"
	"reflect"

	"github.com/alecthomas/kong"
)

// pathsType is the type of an option that takes several paths after its name, as shells expand them: --data A.zip B.zip means
// --data A.zip --data B.zip. A command that has such an option has no arguments of its own, which could not be told from paths.
const pathsType = "paths"

// pathsMapper reads values up to the next option; at least one is needed. Whether they exist, says who opens them; an empty one, as of a
// script whose variable is not set, never does.
func pathsMapper() kong.MapperFunc {
	one := kong.NewRegistry().RegisterDefaults().ForType(reflect.TypeFor[string]())
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		for {
			path := reflect.New(target.Type().Elem()).Elem()
			if err := one.Decode(ctx, path); err != nil {
				return err
			}
			if path.Len() == 0 {
				return errors.New("a path is empty")
			}
			target.Set(reflect.Append(target, path))
			if !ctx.Scan.Peek().IsValue() {
				return nil
			}
		}
	}
}
