package simulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
}

type upload struct {
	name string
	data []byte
}

func readQuery(w http.ResponseWriter, r *http.Request, method string) (*query, *apiError) {
	q := &query{method: strings.ToLower(method), args: map[string]string{}, files: map[string]upload{}}
	for name, values := range r.URL.Query() {
		q.args[name] = values[len(values)-1]
	}
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), maxUpload)) + bytes.MinRead)
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxUpload)); err != nil {
		if tooBig := new(http.MaxBytesError); errors.As(err, &tooBig) {
			return nil, &apiError{code: 413, text: "Request Entity Too Large"}
		}
		return nil, bad("unexpected end of request content")
	}
	if err := q.readBody(r.Header.Get("Content-Type"), body.Bytes()); err != nil {
		return nil, err
	}
	if q.method == "" {
		q.method = strings.ToLower(q.args["method"])
	}
	return q, nil
}

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

func (q *query) readJSON(body []byte) *apiError {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		var text string
		if json.Unmarshal(body, &text) == nil { // a lone string is the argument "content"
			q.args["content"] = text
			return nil
		}
		return bad("JSON object expected")
	}
	for name, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			q.args[name] = text
		default:
			q.args[name] = string(raw)
		}
	}
	return nil
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

// unknown lists the arguments that the method does not have.
func (s *Simulator) unknown(q *query) []string {
	known, ok := s.spec[q.method]
	if !ok {
		return nil
	}
	names := slices.Sorted(maps.Keys(q.args))
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains(known.Parameters, name)
	})
}
