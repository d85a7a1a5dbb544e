package simulator

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
	"unicode/utf8"
)

// A jsonWriter writes what encoding/json would write without escaping <, > and &, which Telegram leaves as they are. The parts of
// a message are written field by field (wire_json.go), which takes a third of the time that reflection does: each page is written
// twice, as an answer and with the tap on it.
type jsonWriter struct{ b []byte }

// writers are for what is written at once and kept by nobody.
var writers = sync.Pool{New: func() any { return new(jsonWriter) }}

// encode writes v as JSON. Everything encoded here is a type of ours, so it cannot fail.
func encode(v any) json.RawMessage {
	w := writers.Get().(*jsonWriter)
	defer writers.Put(w)
	w.b = w.b[:0]
	w.value(v)
	return bytes.Clone(w.b)
}

func (w *jsonWriter) value(v any) {
	switch v := v.(type) {
	case envelope:
		w.envelope(v)
	case *wireMessage:
		w.message(v)
	case *wireCallback:
		w.callback(v)
	case wireUpdate:
		w.update(v)
	case []json.RawMessage:
		w.put('[')
		for _, written := range v {
			w.next()
			w.b = append(w.b, written...)
		}
		w.put(']')
	default:
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			panic("simulator: " + err.Error())
		}
		w.b = bytes.TrimSuffix(w.b, []byte("\n"))
	}
}

// Write is for encoding/json.
func (w *jsonWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// put writes a bracket that opens or closes an object or array.
func (w *jsonWriter) put(bracket byte) { w.b = append(w.b, bracket) }

// next puts a comma behind the field or element before, if there is one.
func (w *jsonWriter) next() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

// name begins a field whose name needs no escaping.
func (w *jsonWriter) name(name string) {
	w.next()
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

func (w *jsonWriter) flag(name string, value bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, value)
}

func (w *jsonWriter) number(name string, value int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, value, 10)
}

func (w *jsonWriter) text(name, value string) {
	w.name(name)
	w.string(value)
}

// textIfAny leaves the field out if there is no text.
func (w *jsonWriter) textIfAny(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

// numberUnless0 leaves the field out if the number is 0.
func (w *jsonWriter) numberUnless0(name string, value int64) {
	if value != 0 {
		w.number(name, value)
	}
}

// field writes a field of any type.
func (w *jsonWriter) field(name string, value any) {
	w.name(name)
	w.value(value)
}

// string writes a text in quotes, and U+FFFD as an escape in place of each byte that is not UTF-8.
func (w *jsonWriter) string(s string) {
	w.b = append(w.b, '"')
	from := 0
	for i, r := range s {
		if isPlain(r) {
			continue
		}
		w.b = append(w.b, s[from:i]...)
		_, size := utf8.DecodeRuneInString(s[i:])
		from = i + size
		if r == '\n' { // of which there are many
			w.b = append(w.b, '\\', 'n')
			continue
		}
		quoted, _ := json.Marshal(s[i:from]) // a string cannot fail
		w.b = append(w.b, quoted[1:len(quoted)-1]...)
	}
	w.b = append(w.b, s[from:]...)
	w.b = append(w.b, '"')
}

// isPlain reports a character that encoding/json leaves as it is. utf8.RuneError may stand for a byte that is not UTF-8.
func isPlain(r rune) bool {
	return r >= ' ' && r != '"' && r != '\\' && r != 0x2028 && r != 0x2029 && r != utf8.RuneError
}
