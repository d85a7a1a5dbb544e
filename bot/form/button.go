package form

import (
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/db"
	"vetalyze/internal/dialog"
)

// Key names one dialog for ever.
type Key = db.Key

// Route is the first part of the data of every button of every form.
const Route = "form"

// What a form's button asks for.
const (
	actChoose  = "choose"  // answer with a choice's value
	actSkip    = "skip"    // leave the field empty
	actKeep    = "keep"    // keep the answer and go on
	actBack    = "back"    // to the question before, or to the summary
	actEdit    = "edit"    // ask the question at a place again
	actAdd     = "add"     // one more item for a list
	actDrop    = "drop"    // take an item out of its list
	actSave    = "save"    // from the summary
	actCancel  = "cancel"  // give the dialog up
	actResume  = "resume"  // go on with the open dialog
	actReplace = "replace" // give it up for the one that waits
)

// A press is a form's button that was tapped.
type press struct {
	dialog   string // the first characters of the dialog's key
	revision int    // of the dialog when the button was made
	action   string
	argument string
}

// data makes a button's data: "form:1a2b3c4d:12:choose:7", at most 64 bytes.
func data(d *dialog.Dialog, action, argument string) string {
	return chat.Data(Route, short(d), strconv.Itoa(d.Revision), action, argument)
}

func parsePress(argument string) (press, bool) {
	parts := strings.SplitN(argument, ":", 4)
	if len(parts) != 4 {
		return press{}, false
	}
	revision, err := strconv.Atoi(parts[1])
	return press{dialog: parts[0], revision: revision, action: parts[2], argument: parts[3]}, err == nil
}

// short is enough of the dialog's key to tell it from the person's other ones.
func short(d *dialog.Dialog) string { return d.Key.String()[:8] }
