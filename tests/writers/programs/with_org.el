;; Write the events with org-mode (Emacs): `emacs --batch --load with_org.el`, events.json on stdin.
(require 'json)
(require 'org)
(require 'ox-icalendar)

(setq org-icalendar-timezone "Europe/Berlin"
      org-icalendar-include-todo nil
      org-icalendar-use-scheduled nil
      org-icalendar-with-timestamps 'active
      org-icalendar-store-UID nil
      make-backup-files nil)

(defun events ()
  (with-temp-buffer
    (condition-case nil
        (while t (insert (read-from-minibuffer "") "\n"))
      (error nil))
    (goto-char (point-min))
    (let ((json-array-type 'list) (json-object-type 'alist)) (json-read))))

(defun stamp (start end weekly)
  "Return what org-mode writes for the times: <2026-11-30 09:00-09:30>."
  (cond ((= (length start) 10)
         (let ((last (format-time-string
                      "%Y-%m-%d" (time-subtract (date-to-time (concat end " 12:00")) 86400))))
           (if (string= start last) (format "<%s>" start) (format "<%s>--<%s>" start last))))
        (t (format "<%s %s-%s%s>" (substring start 0 10) (substring start 11) (substring end 11)
                   (if weekly " +1w" "")))))

(let ((file (expand-file-name "events.org" default-directory)))
  (with-temp-file file
    (dolist (each (events))
      (let ((zone (alist-get 'zone each)))
        ;; It writes floating times, and can neither leave out nor move.
        (unless (or (member zone '("UTC" "America/New_York")) (alist-get 'weekly each))
          (insert "* " (alist-get 'summary each) "\n")
          (insert ":PROPERTIES:\n:ID: " (alist-get 'id each) "\n")
          (when (alist-get 'location each) (insert ":LOCATION: " (alist-get 'location each) "\n"))
          (when (alist-get 'minutes_before each)
            (insert (format ":APPT_WARNTIME: %d\n" (alist-get 'minutes_before each))))
          (insert ":END:\n" (stamp (alist-get 'start each) (alist-get 'end each) nil) "\n")
          (when (alist-get 'description each) (insert (alist-get 'description each) "\n"))))))
  (find-file file)
  (org-icalendar-export-to-ics)
  (kill-emacs))
