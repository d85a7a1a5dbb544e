package workbook

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// A part is a file of the package that a workbook is: ECMA-376, part 1 (SpreadsheetML) and part 2 (the package).
type part struct{ name, content string }

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	main        = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	packages    = "http://schemas.openxmlformats.org/package/2006/"
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	contentType = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// The styles of cells, by their places in styleSheet.
const (
	styleText    = 1
	styleLabel   = 2
	styleHeading = 3
)

// styles are the kinds' own. Number 49 is the format "text": what stands there stays a text when it is edited in the
// spreadsheet, also if it begins with "=". A label's reading order is from left to right, a text's that of its words:
// in a sheet from right to left, "+20100" would else be shown as "20100+".
var styles = map[Kind]int{Text: styleText, Label: styleLabel, Number: 0}

const styleSheet = `<styleSheet xmlns="` + main + `">` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="4">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment readingOrder="1"/></xf>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`</cellXfs></styleSheet>`

// parts are all files of a book but its sheets.
func parts(book Book) []part {
	var overrides, sheets, targets strings.Builder
	for i, sheet := range book.Sheets {
		fmt.Fprintf(&overrides, `<Override PartName="/%s" ContentType="%sworksheet+xml"/>`, sheetName(i+1), contentType)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="sheet%d"/>`, escaped(sheet.Name), i+1, i+1)
		fmt.Fprintf(&targets, `<Relationship Id="sheet%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relations, i+1)
	}
	return []part{
		{"[Content_Types].xml", declaration + `<Types xmlns="` + packages + `content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + contentType + `sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + contentType + `styles+xml"/>` + overrides.String() + `</Types>`},
		{"_rels/.rels", declaration + `<Relationships xmlns="` + packages + `relationships">` +
			`<Relationship Id="book" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", declaration + `<workbook xmlns="` + main + `" xmlns:r="` + relations + `"><sheets>` +
			sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", declaration + `<Relationships xmlns="` + packages + `relationships">` + targets.String() +
			`<Relationship Id="styles" Type="` + relations + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", declaration + styleSheet},
	}
}

// sheetName is the file of a sheet, counted from 1.
func sheetName(number int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", number) }

// opening begins a sheet's file. Its heading stays in sight.
func opening(rightToLeft bool, columns []Column) string {
	var b strings.Builder
	b.WriteString(declaration + `<worksheet xmlns="` + main + `"><sheetViews><sheetView workbookViewId="0"`)
	if rightToLeft {
		b.WriteString(` rightToLeft="1"`)
	}
	b.WriteString(`><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, column := range columns {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, max(column.Width, 4))
	}
	b.WriteString("</cols><sheetData>")
	return b.String()
}

const closing = "</sheetData></worksheet>"

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}
