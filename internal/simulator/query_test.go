package simulator

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzJSONArguments holds what is read from a JSON body to what encoding/json reads.
func FuzzJSONArguments(f *testing.F) {
	for _, body := range []string{
		`{"chat_id":11,"text":"Rex & <b>لولو</b> 🐶 \"\\\n\u2068\u00e9\/","silent":true,"parse_mode":null,"n":-1.5e+3}`,
		` { "reply_markup" : { "inline_keyboard" : [ [ { "text" : "a]}\"" } ] } , "entities" : [] } ` + "\r\n\t",
		`{"a":1,"a":"two"}`, `{"a":1,"a":null}`, `{"a":null,"a":1}`, `{"\u0061":1,"a":2}`, `{"a":"x","":"empty"}`,
		`{"high":"\ud83d","low":"\ude00","pair":"\ud83d\ude00","swapped":"\ude00\ud83d","high, letter":"\ud83d\u0041","two highs":"\ud83d\ud83d\ude00"}`,
		"{\"text\":\"\xff\xfe\",\"cut\":\"\xf0\x9f\\n\xf0\x9f\",\"\xff\":\"name\",\"\ufffd\":\"the same name\"}",
		"{\"surrogate\":\"\xed\xa0\x80\",\"raw\":[\"\xff\"]}",
		`{}`, `null`, ` null `, `"content"`, ` "\u0041\n" `, "\"\xff\"",
		``, ` `, `1`, `true`, `[]`, `[{"a":1}]`, `nul`, `nan`, `NaN`, `"`, `"a`, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":01}`, `{"a":+1}`,
		`{"a":1}}`, `{"a":1}{"b":2}`, `{"a":"\x"}`, `{"a":"\ud83"}`, "{\"a\":\"\n\"}", `{"a":tru}`, `{"a":nan}`, `{"a":.5}`, `{"a":1e}`, "\ufeff{}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(readsPlainly)
}

// As deep as encoding/json goes, and deeper.
func TestJSONArgumentsAreOnlySoDeep(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"a":` + strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999) + `}`,
		`{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
		`{"a":[` + strings.Repeat("[],", 10_001) + `[]]}`,
		strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		strings.Repeat(`{"a":`, 10_000_000),
	} {
		readsPlainly(t, []byte(body))
	}
}

// A keyboard that is nothing but brackets is refused, not followed down.
func TestKeyboardsAreOnlySoDeep(t *testing.T) {
	t.Parallel()
	if _, err := readMarkup(strings.Repeat("[", 20_000_000)); err == nil {
		t.Error("accepted")
	}
}

func readsPlainly(t *testing.T, body []byte) {
	t.Helper()
	got := query{args: map[string]string{}}
	err := got.readJSON(body)
	if err != nil && err.text != "Bad Request: JSON object expected" {
		t.Errorf("%.100q is refused: %s", body, err.text)
	}
	want, ok := plainly(body)
	if ok != (err == nil) {
		t.Fatalf("%.100q: %v, encoding/json: %v", body, err, ok)
	}
	if diff := cmp.Diff(want, got.args); ok && diff != "" {
		t.Errorf("%.100q (-encoding/json +got):\n%s", body, diff)
	}
}

// plainly reads JSON arguments with encoding/json.
func plainly(body []byte) (args map[string]string, ok bool) {
	args = map[string]string{}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		var text string
		if json.Unmarshal(body, &text) != nil {
			return nil, false
		}
		args["content"] = text
	}
	for name, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			args[name] = text
		default:
			args[name] = string(raw)
		}
	}
	return args, true
}

func TestTheBodyGoesBeforeTheAddress(t *testing.T) {
	t.Parallel()
	request := httptest.NewRequest("POST", "/?a=address&b=address&c=address&c=its+last", strings.NewReader(`{"a":"body","b":1,"b":null}`))
	request.Header.Set("Content-Type", "application/json")
	q, err := readQuery(httptest.NewRecorder(), request, "getMe")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "body", "b": "address", "c": "its last"}
	if diff := cmp.Diff(want, q.args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}
