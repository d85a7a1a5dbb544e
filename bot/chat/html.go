package chat

import (
	"html"
	"strings"
)

// HTML is text in Telegram's HTML that is safe to send: whatever a person typed
// inside it was escaped.
type HTML string

// Escape makes typed text safe to stand inside HTML and isolates its direction,
// so that an English name cannot turn an Arabic sentence around, nor the reverse.
func Escape(typed string) HTML {
	return HTML(isolate(html.EscapeString(typed)))
}

// Code shows text in a fixed-width face that a tap copies: codes and phones.
func Code(text string) HTML {
	return HTML(isolate("<code>" + html.EscapeString(text) + "</code>"))
}

// Shorten cuts text that is only quoted back to n characters, so that a message
// cannot grow past Telegram's limit by what was typed.
func Shorten(typed string, n int) string {
	characters := []rune(typed)
	if len(characters) <= n {
		return typed
	}
	return string(characters[:n-1]) + "…"
}

// Bold sets text in bold.
func Bold(text HTML) HTML { return "<b>" + text + "</b>" }

// Lines joins the parts that are not empty, one a line.
func Lines(parts ...HTML) HTML { return join("\n", parts) }

// Paragraphs joins the parts that are not empty with a blank line between them.
func Paragraphs(parts ...HTML) HTML { return join("\n\n", parts) }

func join(separator string, parts []HTML) HTML {
	length := 0
	for _, part := range parts {
		length += len(part) + len(separator)
	}
	var joined strings.Builder
	joined.Grow(length)
	for _, part := range parts {
		if part != "" && joined.Len() > 0 {
			joined.WriteString(separator)
		}
		joined.WriteString(string(part))
	}
	return HTML(joined.String())
}

// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode Standard Annex 9):
// Telegram lays out each paragraph by the Unicode bidirectional algorithm and has
// no other way to say where a name begins and ends.
const (
	isolateBegins = "\u2068"
	isolateEnds   = "\u2069"
)

func isolate(text string) string { return string(appendIsolated(nil, text)) }

func appendIsolated(to []byte, text string) []byte {
	if text == "" {
		return to
	}
	return append(append(append(to, isolateBegins...), text...), isolateEnds...)
}
