package bot_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestForgedSearchButtons presses buttons of searches and lists that the bot
// never made: another clinic's owners and searches, and no data at all. Nothing
// of the other clinic comes of it, and no failure.
func TestForgedSearchButtons(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.register(t, "عيادة الرفق", 30, "Secret Person")
	s.register(t, "Happy Paws", 15, "Ahmed Ali")
	salma, sara := s.person(t, "سلمى"), s.person(t, "Sara")
	salma.Send("secret")
	s.settle(t)
	sara.Send("ahmed")
	s.settle(t)

	var theirs []int64
	rows, err := s.member(t, "عيادة الرفق").Scope(s.db).Query(t.Context(), `SELECT owner_id FROM owners ORDER BY owner_id`)
	must(t, err)
	for rows.Next() {
		var id int64
		must(t, rows.Scan(&id))
		theirs = append(theirs, id)
	}
	must(t, rows.Err())

	const highest = "9223372036854775807"
	forged := []string{
		"find", "find:", "find:0", "find:1:", "find:2", "find:-1:n0.0", "find:99999999999", "find:x:y", "find:1:n2", "find:1:n2.", "find:1:p9.zzzzzzzzzzzz",
		"find:1:n-7.1", "find:1:" + strings.Repeat("n", 50), "hit", "hit::", "hit:x:1:", "hit:" + highest + ":1:", "search:secret", "search:", "search:%",
		"owners:o", "owners:o.", "owners:n0.0", "owners:o1.-5", "owners:n1y2p0ij32e8e7.2147483647", "owners:o1y2p0ij32e8e7.99999999999",
		"owners:oz.999999", "listed", "listed::", "listed:" + highest + ":",
	}
	for _, id := range theirs[:3] {
		forged = append(forged,
			fmt.Sprintf("hit:%d:1:", id), fmt.Sprintf("listed:%d:", id), fmt.Sprintf("owner:%d", id), fmt.Sprintf("owners:o%x.20", id), fmt.Sprintf("find:1:n2.%x", id))
	}
	for _, data := range forged {
		if len(data) > 64 {
			continue // Telegram takes no more
		}
		must(t, sara.TapData(lastFromBot(t, s, "Sara"), data))
		s.settle(t)
		for _, message := range sara.Chat() {
			if strings.Contains(message.Text, "Secret") || strings.Contains(message.Text, "something went wrong") {
				t.Fatalf("%s: %s", data, message.Text)
			}
			for _, row := range message.InlineKeyboard {
				for _, button := range row {
					if strings.Contains(button.Text, "Secret") {
						t.Fatalf("%s: a button %s", data, button.Text)
					}
				}
			}
		}
	}
}

// lastFromBot is the bot's latest message to somebody.
func lastFromBot(t *testing.T, s *stage, name string) int {
	t.Helper()
	chat := s.person(t, name).Chat()
	for i := len(chat) - 1; i >= 0; i-- {
		if chat[i].FromBot {
			return chat[i].ID
		}
	}
	t.Fatalf("the bot has said nothing to %s", name)
	return 0
}
