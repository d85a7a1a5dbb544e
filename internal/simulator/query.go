package simulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxUpload is how much one call may carry: a file of 50 MB and its form.
const maxUpload = 50<<20 + 1<<20

// methods.json lists the Bot API's methods with the names of their parameters (Bot API 10.2).
//
//go:embed methods.json
var methodsJSON []byte

type specMethod struct {
	Name       string
	Parameters []string
}

// loadSpec reads the embedded list, keyed by lower-cased names as the server compares them.
func loadSpec() map[string]specMethod {
	var list map[string][]string
	if err := json.Unmarshal(methodsJSON, &list); err != nil {
		panic("simulator: methods.json: " + err.Error())
	}
	spec := make(map[string]specMethod, len(list))
	for name, parameters := range list {
		spec[strings.ToLower(name)] = specMethod{Name: name, Parameters: parameters}
	}
	return spec
}

// A query is one call with its arguments, wherever they stood: address, form, multipart form or JSON.
type query struct {
	method string // lower case
	args   map[string]string
	files  map[string]upload
	chat   int64  // that it is about, 0: none
	note   string // goes out as "description" beside a result

	ahead ahead
}

type upload struct {
	name string
	data []byte
}

func readQuery(w http.ResponseWriter, r *http.Request, method string) (*query, *apiError) {
	q := &query{method: strings.ToLower(method), args: map[string]string{}, files: map[string]upload{}}
	body := bodies.Get().(*bytes.Buffer)
	defer forget(body)
	body.Reset()
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxUpload)); err != nil {
		if tooBig := new(http.MaxBytesError); errors.As(err, &tooBig) {
			return nil, &apiError{code: 413, text: "Request Entity Too Large"}
		}
		return nil, bad("unexpected end of request content")
	}
	if err := q.readBody(r.Header.Get("Content-Type"), body.Bytes()); err != nil {
		return nil, err
	}
	for name, values := range r.URL.Query() {
		if _, ok := q.args[name]; !ok { // the body goes before the address
			q.args[name] = values[len(values)-1]
		}
	}
	if q.method == "" {
		q.method = strings.ToLower(q.args["method"])
	}
	return q, nil
}

// bodies are buffers for what is read at once and kept by nobody.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// bodyKept is how large a buffer may be, in bytes, to wait for the next body.
const bodyKept = 64 << 10

func forget(body *bytes.Buffer) {
	if body.Cap() <= bodyKept {
		bodies.Put(body)
	}
}

// readBody reads arguments that do not share memory with the body.
func (q *query) readBody(contentType string, body []byte) *apiError {
	if len(body) == 0 {
		return nil // also a multipart form without a single part, as getMe sends it
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil // a body of no type is no argument
	}
	switch kind {
	case "application/json":
		return q.readJSON(body)
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return bad("can't parse form data")
		}
		for name, all := range values {
			q.args[name] = all[len(all)-1]
		}
	case "multipart/form-data":
		return q.readMultipart(params["boundary"], body)
	}
	return nil
}

// readJSON takes each field of an object for an argument: strings without their quotes, anything else as it is written.
// One that is null is absent. They share the memory of one copy of the body, of which they are nearly all.
func (q *query) readJSON(body []byte) *apiError {
	text := string(body)
	if !validJSON(text) {
		return bad("JSON object expected")
	}
	value := gjson.Parse(text)
	switch {
	case value.Type == gjson.Null:
	case value.Type == gjson.String: // a lone string is the argument "content"
		q.args["content"] = utf8Only(value.Str)
	case value.IsObject():
		value.ForEach(func(name, value gjson.Result) bool {
			switch name := utf8Only(name.Str); value.Type {
			case gjson.Null:
				delete(q.args, name) // the last of a name counts
			case gjson.String:
				q.args[name] = utf8Only(value.Str)
			default:
				q.args[name] = value.Raw
			}
			return true
		})
	default:
		return bad("JSON object expected")
	}
	return nil
}

// validJSON is json.Valid at a fifth of its cost. gjson would go as deep as the brackets, where encoding/json has a limit.
func validJSON(text string) bool {
	const deep = 10_000
	if strings.Count(text, "[")+strings.Count(text, "{") > deep {
		return json.Valid([]byte(text))
	}
	return gjson.Valid(text)
}

// utf8Only puts U+FFFD in place of each byte that is not UTF-8, as encoding/json does.
func utf8Only(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

func (q *query) readMultipart(boundary string, body []byte) *apiError {
	if boundary == "" {
		return bad("boundary not found")
	}
	if !bytes.Contains(body, []byte("form-data")) {
		return nil // nothing but the closing boundary
	}
	form := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad("can't parse form data headers")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return bad("unexpected end of request content")
		}
		if part.FormName() == "" {
			return bad("field name in multipart/form-data not found")
		}
		if _, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition")); params["filename"] != "" {
			q.files[part.FormName()] = upload{name: part.FileName(), data: data}
			continue
		}
		q.args[part.FormName()] = string(data)
	}
}

// integer reads a number as the server does: anything else counts as what precedes it, and it is held within
// bounds, never refused.
func (q *query) integer(name string, absent, least, most int64) int64 {
	value := absent
	if arg := q.args[name]; arg != "" {
		value = leadingInt(arg)
	}
	return min(max(value, least), most)
}

func leadingInt(s string) int64 {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && s[0] == '-') {
		end++
	}
	n, _ := strconv.ParseInt(s[:end], 10, 64)
	return n
}

// flag reads a boolean as td::to_bool does.
func (q *query) flag(name string) bool {
	switch strings.ToLower(q.args[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// messageID reads message_id; 0 if there is none.
func (q *query) messageID() int {
	return int(q.integer("message_id", 0, 0, 1<<31-1))
}

// unknown lists the arguments that the method does not have, in order.
func (s *Simulator) unknown(q *query) []string {
	known, ok := s.spec[q.method]
	if !ok {
		return nil
	}
	var names []string
	for name := range q.args {
		if !slices.Contains(known.Parameters, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
