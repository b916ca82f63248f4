; Inno Setup 6.3 script. NOT YET BUILT ON THIS PLATFORM: reviewed line by line, never run.
;
; In the top folder, after PyInstaller made dist\cectrust-bridge:
;
;   iscc /DVersion=0.1.0 bridge\packaging\windows\installer.iss
;
; For all users, by an administrator: a program that a user could overwrite could be overwritten by whatever he runs.
; Sign the result and both programs with the publisher's certificate (signtool) before giving it out.

#ifndef Version
  #error Version is not defined
#endif
#define Bundle "dist\cectrust-bridge"
; The program itself says whether it can serve here. One that cannot is neither started now nor at log-in.
#if Exec(AddBackslash(SourcePath) + "..\..\..\" + Bundle + "\cectrust-bridge.exe", "run --check") == 0
  #define Serves
#endif

[Setup]
; Relative names below are relative to this folder: the top one.
SourceDir=..\..\..
OutputDir=dist
; Never change it: it is how an upgrade finds the earlier version.
AppId={{6F0B2C52-6D1E-4E0B-9A57-2B9B5F0C8D31}
AppName=CECTRUST 署名ブリッジ
AppVersion={#Version}
VersionInfoVersion={#Version}
AppPublisher=CECTRUST contributors
DefaultDirName={autopf}\CECTRUST Bridge
; Only below Program Files are files an administrator's without this script judging access lists.
DisableDirPage=yes
DisableProgramGroupPage=yes
DefaultGroupName=CECTRUST
PrivilegesRequired=admin
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
LicenseFile=bridge\LICENSE
OutputBaseFilename=cectrust-bridge_{#Version}_windows-amd64
Compression=lzma2
SolidCompression=yes
; Programs in use cannot be replaced: the restart manager asks whether to end running bridges. A signature that a person
; is making then has to be made again; results already kept stay in the profile.
CloseApplications=yes
RestartApplications=no
UninstallDisplayIcon={app}\cectrust-bridgew.exe

[Languages]
Name: "ja"; MessagesFile: "compiler:Languages\Japanese.isl"
Name: "en"; MessagesFile: "compiler:Default.isl"

[CustomMessages]
ja.StartNow=署名ブリッジを起動する
en.StartNow=Start the signing bridge

[InstallDelete]
; Files of an earlier version that this one no longer has would stay importable.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "bridge\packaging\policies\*"; DestDir: "{app}\policies"; Flags: ignoreversion
Source: "bridge\LICENSE"; DestDir: "{app}"; Flags: ignoreversion

#ifdef Serves
[Icons]
Name: "{group}\CECTRUST 署名ブリッジ"; Filename: "{app}\cectrust-bridgew.exe"; Parameters: "run"

[Registry]
; Every user's log-in starts it. HKLM, because this installer cannot write the HKCU of users who are not logged in;
; a single user turns it off under Settings > Apps > Startup.
Root: HKLM; Subkey: "Software\Microsoft\Windows\CurrentVersion\Run"; ValueType: string; ValueName: "CECTRUST Bridge"; \
  ValueData: """{app}\cectrust-bridgew.exe"" run --minimised"; Flags: uninsdeletevalue

[Run]
Filename: "{app}\cectrust-bridgew.exe"; Parameters: "run"; Description: "{cm:StartNow}"; \
  Flags: nowait postinstall skipifsilent runasoriginaluser
#endif

[UninstallRun]
; A program that runs cannot be deleted; these end the bridges of all users, with their children. taskkill says 128
; where none runs, and that is no failure.
Filename: "{sys}\taskkill.exe"; Parameters: "/F /T /IM cectrust-bridgew.exe"; RunOnceId: "EndWindowed"; Flags: runhidden
Filename: "{sys}\taskkill.exe"; Parameters: "/F /T /IM cectrust-bridge.exe"; RunOnceId: "EndTyped"; Flags: runhidden

[UninstallDelete]
Type: filesandordirs; Name: "{app}\_internal"
; Profiles (.config\cectrust-bridge in each user's folder) are left on purpose; the administrators' page says how to
; delete them.
