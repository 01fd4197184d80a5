package access

import (
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/medtech-detect/sepsis"
)

// roles reads the roles of a token. Names that are not roles are other services' and mean nothing here.
func (t *Tokens) roles(token *oidc.IDToken) []sepsis.Role {
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return nil
	}
	var roles []sepsis.Role
	for _, name := range names(find(claims, t.config.RolesClaim)) {
		if role := sepsis.Role(name); slices.Contains(sepsis.Roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// find looks a claim up by its name, or, where there is none of that name, by a path of names with dots between.
func find(claims map[string]any, path string) any {
	if found, named := claims[path]; named {
		return found
	}
	first, rest, deeper := strings.Cut(path, ".")
	inner, isObject := claims[first].(map[string]any)
	if !deeper || !isObject {
		return nil
	}
	return find(inner, rest)
}

// names are the words of a list, or of a string with spaces between, as in scope.
func names(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return strings.Fields(claim)
	case []any:
		var words []string
		for _, word := range claim {
			if text, isText := word.(string); isText {
				words = append(words, text)
			}
		}
		return words
	}
	return nil
}
