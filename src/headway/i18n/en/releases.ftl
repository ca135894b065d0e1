# Data releases: choosing, pinning, pointing.
data-in-use = Answers come from the data release { $name } from now on ({ $release }, through { $day }; { $folder }).
error-no-such-release = No data release is called "{ $name }". Close names: { $close }.
error-no-such-release-hint = "headway data list releases" shows them; a folder needs a release.json.
error-release-not-stored = "{ $name }" is not a release of your data folder. There: { $known }.
error-release-not-stored-hint = "headway data list releases" shows them. For a folder elsewhere use --data-release FOLDER.
error-release-current = The data folder points to a release that cannot be used: { $name } ({ $why }).
error-release-current-hint = Run "headway data use shipped", or put the release back.
error-release-pointer = The release in use cannot be changed ({ $why }).
error-release-pointer-hint = Check that your data folder can be written ("headway doctor" names it).
