package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vetalyze/internal/simulator"
)

// BenchmarkPage sends a page of twenty lines with as many buttons, taps on it, and lets the answer edit it: what load tests
// spend their time on in the simulator. No network is between.
func BenchmarkPage(b *testing.B) {
	sim := simulator.New(simulator.Config{Limits: simulator.Limits{Off: true}})
	b.Cleanup(sim.Close)
	amina := sim.AddPerson(simulator.Person{ID: 11, FirstName: "Amina", LanguageCode: "ar"})
	amina.Start("")
	handler := sim.Handler()
	call := func(method, kind string, body []byte) []byte {
		request := httptest.NewRequest(http.MethodPost, "/bot"+sim.Token()+"/"+method, bytes.NewReader(body))
		request.Header.Set("Content-Type", kind)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			b.Fatalf("%s: %s", method, answer.Body)
		}
		return answer.Body.Bytes()
	}
	pages := [2][2]string{}
	for i := range pages {
		pages[i][0], pages[i][1] = benchPage(i)
	}
	kind, first := benchForm(b, "11", "", pages[0])
	call("sendMessage", kind, first)
	last, _ := amina.Last()
	edits := [2][]byte{}
	for i := range edits {
		kind, edits[i] = benchForm(b, "11", fmt.Sprint(last.ID), pages[i])
	}
	next := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := amina.TapData(last.ID, "owners:o1c.20"); err != nil {
			b.Fatal(err)
		}
		call("editMessageText", kind, edits[(i+1)%2])
		var tapped struct {
			Result []struct {
				ID  int                 `json:"update_id"`
				Tap struct{ ID string } `json:"callback_query"`
			}
		}
		taken := call("getUpdates", "application/x-www-form-urlencoded", fmt.Appendf(nil, "offset=%d", next))
		if err := json.Unmarshal(taken, &tapped); err != nil {
			b.Fatal(err)
		}
		tap := tapped.Result[len(tapped.Result)-1]
		next = tap.ID + 1
		call("answerCallbackQuery", "application/x-www-form-urlencoded", []byte("callback_query_id="+tap.Tap.ID))
	}
}

// benchPage is a page of owners as the bot shows it: its text, and its keyboard.
func benchPage(page int) (text, markup string) {
	var lines, rows, row []string
	for i := range 20 {
		n := page*20 + i + 1
		lines = append(lines, fmt.Sprintf("%d. <b>\u2068Mona El-Sayed %d\u2069</b> · …%04d — 🐶 \u2068Simba\u2069، 🐱 \u2068لولو\u2069", n, n, n))
		row = append(row, fmt.Sprintf(`{"text":"%d","callback_data":"listed:%d:o1c.20","copy_text":{"text":""}}`, n, n))
		if len(row) == 5 {
			rows, row = append(rows, "["+strings.Join(row, ",")+"]"), nil
		}
	}
	text = fmt.Sprintf("👥 <b>Owners: 1,500</b>\n%d–%d of 1,500\n\n", page*20+1, page*20+20) + strings.Join(lines, "\n")
	return text, `{"inline_keyboard":[` + strings.Join(rows, ",") + `]}`
}

func benchForm(b *testing.B, chat, message string, page [2]string) (kind string, body []byte) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.SetBoundary("one-for-all"); err != nil {
		b.Fatal(err)
	}
	for _, field := range [][2]string{
		{"chat_id", chat}, {"message_id", message}, {"text", page[0]}, {"parse_mode", "HTML"}, {"reply_markup", page[1]},
	} {
		if field[1] == "" {
			continue
		}
		if err := w.WriteField(field[0], field[1]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return w.FormDataContentType(), form.Bytes()
}
