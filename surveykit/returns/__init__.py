"""What came back: filled workbooks in, typed answers, findings and queries out."""
