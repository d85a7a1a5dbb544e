package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vetalyze/internal/simulator"
)

// BenchmarkPage taps on a page of twenty lines with as many buttons, and lets the answer edit it: what load tests spend their time
// on in the simulator. It speaks as the bot does, by webhook and with JSON, but no network is between.
func BenchmarkPage(b *testing.B) {
	taps := make(chan string, 1)
	var update, answer bytes.Buffer // kept, so that little of what is measured is the benchmark's own
	sim := simulator.New(simulator.Config{
		Limits: simulator.Limits{Off: true},
		Webhook: simulator.WebhookConfig{Handlers: map[string]http.Handler{
			"https://bot.example/": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				update.Reset()
				_, _ = update.ReadFrom(r.Body)
				taps <- gjson.GetBytes(update.Bytes(), "callback_query.id").Str
			}),
		}},
	})
	b.Cleanup(sim.Close)
	amina := sim.AddPerson(simulator.Person{ID: 11, FirstName: "Amina", LanguageCode: "ar"})
	handler := sim.Handler()
	call := func(method string, body []byte) {
		request, err := http.NewRequest(http.MethodPost, "/bot"+sim.Token()+"/"+method, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		answer.Reset()
		recorder := httptest.ResponseRecorder{Body: &answer}
		handler.ServeHTTP(&recorder, request)
		if recorder.Code != http.StatusOK {
			b.Fatalf("%s: %s", method, &answer)
		}
	}
	call("setWebhook", []byte(`{"url":"https://bot.example/","allowed_updates":["callback_query"]}`))
	amina.Start("")
	call("sendMessage", benchPage(b, 0, 0))
	last, _ := amina.Last()
	edits := [2][]byte{benchPage(b, last.ID, 0), benchPage(b, last.ID, 1)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := amina.TapData(last.ID, "owners:o1c.20"); err != nil {
			b.Fatal(err)
		}
		tap := <-taps
		call("editMessageText", edits[(i+1)%2])
		call("answerCallbackQuery", []byte(`{"callback_query_id":"`+tap+`"}`))
	}
}

// benchPage is a page of owners as the bot sends it, or puts it in place of a message.
func benchPage(b *testing.B, message, page int) []byte {
	type button struct {
		Text string            `json:"text"`
		Data string            `json:"callback_data"`
		Copy map[string]string `json:"copy_text"` // which the library always sends
	}
	var lines []string
	var rows [][]button
	for i := range 20 {
		n := page*20 + i + 1
		lines = append(lines, fmt.Sprintf("%d. <b>\u2068Mona El-Sayed %d\u2069</b> · …%04d — 🐶 \u2068Simba\u2069، 🐱 \u2068لولو\u2069", n, n, n))
		if i%5 == 0 {
			rows = append(rows, nil)
		}
		rows[i/5] = append(rows[i/5], button{fmt.Sprint(n), fmt.Sprintf("listed:%d:o1c.20", n), map[string]string{"text": ""}})
	}
	arguments := map[string]any{
		"chat_id": 11, "parse_mode": "HTML",
		"text":         fmt.Sprintf("👥 <b>Owners: 1,500</b>\n%d–%d of 1,500\n\n", page*20+1, page*20+20) + strings.Join(lines, "\n"),
		"reply_markup": map[string]any{"inline_keyboard": rows},
	}
	if message != 0 {
		arguments["message_id"] = message
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(arguments); err != nil {
		b.Fatal(err)
	}
	return body.Bytes()
}
