// Goes on with what the person began; without scripts he presses the button.
document.getElementById("continue").click();
