package simulator

import (
	"net/http"
	"strconv"
)

// An apiError is a refusal in the words of the Bot API.
type apiError struct {
	code       int
	text       string // with its prefix: "Bad Request: chat not found"
	retryAfter int    // seconds
	missing    string // what the simulator would have to know; instead of the rest
}

func (e *apiError) Error() string { return e.text }

// errHungUp says that the caller has gone and nobody reads the answer.
var errHungUp = &apiError{code: 499, text: "the caller has hung up"}

// bad is a refusal with code 400: the prefix is put before, and the first letter lowered unless the text is
// one of Telegram's CODES (Client::fail_query_with_error).
func bad(text string) *apiError {
	switch text {
	case "MESSAGE_NOT_MODIFIED":
		text = "message is not modified: specified new message content and reply markup are exactly the same as a " +
			"current content and reply markup of the message"
	case "REPLY_MARKUP_TOO_LONG":
		text = "reply markup is too long"
	case "QUERY_ID_INVALID":
		text = "query is too old and response timeout expired or query ID is invalid"
	}
	return &apiError{code: 400, text: "Bad Request: " + lowerFirst(text)}
}

func forbidden(text string) *apiError {
	return &apiError{code: 403, text: "Forbidden: " + lowerFirst(text)}
}

func tooMany(seconds int) *apiError {
	seconds = max(seconds, 1)
	return &apiError{
		code: 429, text: "Too Many Requests: retry after " + strconv.Itoa(seconds), retryAfter: seconds,
	}
}

func lowerFirst(text string) string {
	if len(text) < 2 || text[1] == '_' || 'A' <= text[1] && text[1] <= 'Z' {
		return text
	}
	if c := text[0]; 'A' <= c && c <= 'Z' {
		return string(c+'a'-'A') + text[1:]
	}
	return text
}

// envelope is what every answer of the Bot API is wrapped in.
type envelope struct {
	OK          bool        `json:"ok"`
	Result      any         `json:"result,omitempty"`
	ErrorCode   int         `json:"error_code,omitempty"`
	Description string      `json:"description,omitempty"`
	Parameters  *parameters `json:"parameters,omitempty"`
}

type parameters struct {
	RetryAfter int `json:"retry_after,omitempty"`
}

func writeError(w http.ResponseWriter, err *apiError) {
	answer := envelope{ErrorCode: err.code, Description: err.text}
	if err.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(err.retryAfter))
		answer.Parameters = &parameters{RetryAfter: err.retryAfter}
	}
	writeEnvelope(w, err.code, answer)
}

func writeResult(w http.ResponseWriter, result any, note string) {
	writeEnvelope(w, http.StatusOK, envelope{OK: true, Result: result, Description: note})
}

func writeEnvelope(w http.ResponseWriter, status int, answer envelope) {
	written := writers.Get().(*jsonWriter)
	defer writers.Put(written)
	written.b = written.b[:0]
	written.envelope(answer)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(written.b)))
	w.WriteHeader(status)
	_, _ = w.Write(written.b) // who hung up does not read it
}

// errText is an error that is nothing but its text.
type errText string

func (e errText) Error() string { return string(e) }
