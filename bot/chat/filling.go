package chat

import (
	"fmt"
	"html"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// A filling is a text whose only markup is {{.Name}}, in pieces: a literal, the name of a placeholder, and so on in turns. A
// list of twenty lines fills twenty of them, for which text/template took as long as finding the owners.
type filling []string

func readFilling(text string) (filling, error) {
	var pieces filling
	for {
		literal, rest, found := strings.Cut(text, "{{")
		if !found {
			return append(pieces, literal), nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		name, dotted := strings.CutPrefix(name, ".")
		if !closed || !dotted {
			return nil, fmt.Errorf("not a placeholder like {{.Name}}: %q", text)
		}
		pieces = append(pieces, literal, name)
		text = after
	}
}

// usualText is enough for a line of a list, in bytes; less than what would have to be taken from the heap.
const usualText = 256

// fill fills the placeholders with the arguments; one without an argument shows its name.
func (f filling) fill(args Args, as medium) string {
	if len(f) == 1 {
		return f[0]
	}
	return string(f.write(make([]byte, 0, usualText), args, as))
}

// write appends the text to another. As a callback, what writes an argument would have each of them, and the text, taken
// from the heap.
func (f filling) write(to []byte, args Args, as medium) []byte {
	for i, piece := range f {
		if i%2 == 0 {
			to = append(to, piece...)
		} else if value, given := args[piece]; given {
			to = as.write(to, value)
		} else {
			to = append(to, missing(piece)...)
		}
	}
	return to
}

// A medium is how Telegram shows a text.
type medium int

const (
	marked medium = iota // as HTML
	plain                // as it is
)

// write appends an argument to a text: of what was typed markup is escaped, where there is any, and the direction isolated.
func (m medium) write(to []byte, value any) []byte {
	switch value := value.(type) {
	case HTML:
		return append(to, value...)
	case string:
		if m == marked {
			value = html.EscapeString(value)
		}
		return appendIsolated(to, value)
	}
	return fmt.Append(to, value)
}

// missing stands for a text or an argument that is not there. A test holds every locale complete; a hole that slips through
// shows its name rather than losing the whole answer.
func missing(name string) string { return "⟦" + name + "⟧" }

// findForm is a parser of go-i18n's templates whose texts, instead of being filled, put themselves into a *formFound.
type findForm struct{}

type formFound struct{ text filling }

// Cacheable says that a text is read once.
func (findForm) Cacheable() bool { return true }

// Parse reads a text.
func (findForm) Parse(text, _, _ string) (template.ParsedTemplate, error) { return readFilling(text) }

// Execute hands the text over.
func (f filling) Execute(data any) (string, error) {
	data.(*formFound).text = f
	return "", nil
}
